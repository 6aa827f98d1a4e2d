// Sends without leaving the page: what comes of it arrives on the live stream.
const text = document.getElementById("text");

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const line = event.submitter?.dataset.line;
  const data = new FormData(form, event.submitter?.name ? event.submitter : undefined);
  if (line) data.set("text", line);
  if (form.id === "composer" && !line) form.reset();
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => null);
  // A redirect that is not followed shows as status 0; anything else means that the words did not get through.
  if (form.id === "composer" && answer?.type !== "opaqueredirect" && !text.value) text.value = data.get("text");
});

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (text.value.trim()) text.form.requestSubmit();
});

// A quick line is sent even though the box is empty.
document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-line]");
  if (line) line.formNoValidate = true;
});
