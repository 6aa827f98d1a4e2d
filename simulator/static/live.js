// Keeps the page live: swaps in the fragments that the server rendered, by id. Builds no HTML.
const room = document.querySelector(".room");
const pulse = document.getElementById("pulse");
let stream;

function follow() {
  stream?.close();
  const query = new URLSearchParams(location.search);
  if (!query.has("client")) query.set("shown", room.dataset.shown);
  stream = new EventSource(`/_simulator/live?${query}`);
  stream.onopen = () => say("En vivo", true);
  stream.onerror = () => {
    say("Reconectando", false);
    // A browser gives up for good when the server answers with an error, for example while it starts.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  };
  stream.onmessage = (event) => Object.entries(JSON.parse(event.data)).forEach(([id, html]) => swap(id, html));
}

function say(word, good) {
  pulse.textContent = word;
  pulse.classList.toggle("lost", !good);
}

function swap(id, html) {
  const old = document.getElementById(id);
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const known = new Set([...old.querySelectorAll("[data-key]")].map((part) => part.dataset.key));
  const same = id !== "bubbles" || [...fresh.querySelectorAll("[data-key]")].some((part) => known.has(part.dataset.key));
  if (same) fresh.querySelectorAll("[data-key]").forEach((part) => part.classList.toggle("new", !known.has(part.dataset.key)));
  old.querySelectorAll("details[open][data-key]").forEach((part) => {
    fresh.querySelector(`details[data-key="${CSS.escape(part.dataset.key)}"]`)?.setAttribute("open", "");
  });
  const scrolled = [old.scrollLeft, old.scrollTop];
  old.replaceWith(fresh);
  fresh.scrollTo(...scrolled);
  if (focused) fresh.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function show(address, replace) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  follow();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-live]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const query = new URLSearchParams(new URL(link.href).search);
  const search = document.getElementById("q").value;
  if (search && link.dataset.key !== "new") query.set("q", search);
  if (link.dataset.key === "new") document.getElementById("q").value = "";
  document.getElementById("composer").reset();
  room.dataset.shown = query.get("client") ?? room.dataset.shown;
  show(`/?${query}`, false);
});

let typing;
document.getElementById("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const query = new URLSearchParams(location.search);
    query.set("q", document.getElementById("q").value);
    show(`/?${query}`, true);
  }, 150);
});
document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  document.querySelector("#clients a")?.click();
});

addEventListener("popstate", follow);
follow();
