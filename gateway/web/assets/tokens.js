// Token and webhook pages: the preview follows the form, secrets do not outlive their page.

const form = document.querySelector("form[data-preview]");
const target = document.querySelector("[data-fragment]");
// The fields that the preview depends on.
const followed = (form?.dataset.follows ?? "scopes").split(" ");

const opened = () =>
  new Set([...target.querySelectorAll("details[open]")].map((one) => one.dataset.operation));

// What the reader has opened stays open, unless nothing was opened by hand.
let chosen = null;
const follow = () =>
  target.querySelectorAll("details > summary").forEach((summary) =>
    summary.addEventListener("click", () => setTimeout(() => (chosen = opened()))),
  );

// Where the preview scrolls by itself, what has turned comes into sight.
const show = () => {
  const panel = target.closest(".preview");
  const line = target.querySelector("details[open] :is(.gained, .lost)");
  if (line && getComputedStyle(panel).overflowY === "auto")
    panel.scrollTop = line.offsetTop - panel.clientHeight / 2;
};

let running;
const refresh = async () => {
  running?.abort();
  running = new AbortController();
  const address = new URL(form.dataset.preview, location.href);
  const values = new FormData(form);
  for (const name of followed) address.searchParams.set(name, values.getAll(name).join(" "));
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: running.signal });
    // Signed out meanwhile: the page itself leads on to the sign-in.
    if (answer.redirected || !answer.ok) throw new Error(answer.status);
    target.innerHTML = await answer.text();
    if (chosen)
      target
        .querySelectorAll("details")
        .forEach((one) => (one.open = chosen.has(one.dataset.operation)));
    follow();
    show();
    target.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError") return;
    target.removeAttribute("aria-busy");
    const said = document.createElement("p");
    said.className = "errors";
    said.role = "alert";
    said.textContent = "The preview cannot be shown just now. Reload the page to try again.";
    target.replaceChildren(said);
  }
};

if (form && target) {
  form.querySelectorAll("[data-without-script]").forEach((one) => (one.hidden = true));
  form.addEventListener("change", (event) => followed.includes(event.target.name) && refresh());
  follow();
}

// A field that belongs to one choice is there for that choice alone.
for (const part of document.querySelectorAll("[data-shown-for]")) {
  const [name, value] = part.dataset.shownFor.split("=");
  const select = document.getElementById(name);
  const show = () => (part.hidden = select.value !== value);
  select.addEventListener("change", show);
  show();
}

// Browsers may keep a page as it was for "back": not with a secret on it.
addEventListener("pagehide", () =>
  document
    .querySelectorAll("[data-secret]")
    .forEach((one) => (one.textContent = "It was shown once, and is not shown again.")),
);
