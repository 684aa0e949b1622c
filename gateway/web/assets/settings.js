// Makes the pages a little better; each of them works without.

const exact = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});
const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" });

const zoneAt = (date) =>
  zone.formatToParts(date).find((part) => part.type === "timeZoneName").value;

// Times: in the reader's zone, which is named.
export const localise = (root) => {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const date = new Date(element.dateTime);
    const text = `${exact.format(date)} ${zoneAt(date)}`;
    element.title = text;
    if (element.dataset.time === "exact") element.textContent = text;
  }
};

// <button data-copies="id"> copies the text of the element with that id, and says so.
const copyable = (button) => {
  const source = document.getElementById(button.dataset.copies);
  if (!source || !navigator.clipboard) return;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl+C";
      getSelection().selectAllChildren(source);
    }
    setTimeout(() => (button.textContent = label), 2000);
  });
};

// A form is sent once, however often its button is pressed.
const sendOnce = (form) =>
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });

localise(document);
document.querySelectorAll("button[data-copies]").forEach(copyable);
document.querySelectorAll("form[method=post]").forEach(sendOnce);
// Back in the history: a form may be sent again.
addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent),
);
// What is wrong is read out first, and is where the keyboard goes on.
document.querySelector(".errors")?.focus();
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
