/**
 * What is kept in memory: values with the revision of the account that they were made under.
 *
 * A value is valid while the account's revision, read from the database at each request, is the
 * same. Bounded in bytes; the least recently used go first.
 */

export class Kept {
  #values = new Map();
  #bytes = 0;
  #bound;

  constructor(bound) {
    this.#bound = bound;
  }

  /** Return the bytes under *key* as of *revision*; undefined: there are none. */
  get(key, revision) {
    const found = this.#values.get(key);
    if (found === undefined || found.revision !== revision) return undefined;
    this.#values.delete(key); // last in order: used last
    this.#values.set(key, found);
    return found.bytes;
  }

  set(key, revision, bytes) {
    this.#forget(key);
    this.#values.set(key, { revision, bytes });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#bound) this.#forget(this.#values.keys().next().value);
  }

  #forget(key) {
    const found = this.#values.get(key);
    if (found === undefined) return;
    this.#values.delete(key);
    this.#bytes -= found.bytes.length;
  }
}
