// Sends without leaving the page: what comes of it arrives on the live stream.
const text = document.getElementById("text");
const quote = document.getElementById("quote");
const replyTo = document.getElementById("reply-to");

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const line = event.submitter?.dataset.line;
  const data = new FormData(form, event.submitter?.name ? event.submitter : undefined);
  if (line) data.set("text", line);
  const sample = data.has("sample");
  if (sample) data.set("text", "");
  if (form.id === "composer" && !line && !sample) form.reset();
  if (form.id === "composer") answerTo(null);
  document.getElementById("attachments").hidePopover();
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  // A redirect that is not followed shows as status 0; anything else means that the words did not get through.
  if (form.id === "composer" && answer?.type !== "opaqueredirect" && !text.value) text.value = data.get("text");
});

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (text.value.trim()) text.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  // A quick line is sent even though the box is empty.
  const line = event.target.closest("[data-line]");
  if (line) line.formNoValidate = true;
  const reply = event.target.closest("[data-reply]");
  if (reply) answerTo(reply.closest(".bubble"));
  if (event.target.closest("[data-unquote], [data-live]")) answerTo(null);
});

// A chosen file leaves at once, with the words in the box.
document.addEventListener("change", (event) => {
  if (event.target.type !== "file" || !event.target.files.length) return;
  const form = event.target.form;
  form.noValidate = true;
  form.requestSubmit();
  form.noValidate = false;
});

function answerTo(bubble) {
  replyTo.value = bubble?.dataset.key ?? "";
  quote.hidden = !bubble;
  quote.querySelector("span").textContent = bubble?.querySelector(":scope > p")?.textContent ?? "Mensaje";
  if (bubble) text.focus();
}
