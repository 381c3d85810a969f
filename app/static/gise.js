// The counter by keyboard. Everything also works without this file.
"use strict";

const go = (address) => { window.location.assign(address); };
// The browser gives the focus some time after the page is there; a scanner does not wait, and its first digit would be lost.
const first = document.querySelector("[autofocus]");
if (first && document.activeElement === document.body) first.focus();

const typing = (element) => element && element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

// On a phone the pages stand in one row that is swiped: the one that is open is in sight.
const pages = document.querySelector(".pages"), here = pages && pages.querySelector(".nav-link.active");
if (here) pages.scrollLeft = here.offsetLeft - pages.offsetLeft - (pages.clientWidth - here.offsetWidth) / 2;

// A form is sent once: the button dies after the first press. The server's key makes even that harmless.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  for (const button of event.target.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (box && /^[0-9]$/.test(event.key) && !typing(event.target)) box.focus();  // and the digit lands there
  const act = keys[event.key];
  if (!act || (event.key.length === 1 && typing(event.target))) return;
  if (act(event) !== false) event.preventDefault();
});

const keys = {
  F9: () => { const button = document.querySelector("[data-key=F9]"); if (!button) return false; button.closest("form").requestSubmit(button); },
  F2: () => go("/"),
  F4: () => { const choice = document.getElementById("biller-auto"); if (choice) choice.focus(); else go("/"); },
  F8: () => { const list = document.getElementById("last-payments"); if (list) list.focus(); else go("/payments"); },
  Escape: () => { const link = document.getElementById("escape"); if (link) go(link.href); else if (document.activeElement) document.activeElement.blur(); },
  "?": () => go("/help"),
  ArrowDown: (event) => step(event, 1),
  ArrowUp: (event) => step(event, -1),
  j: () => walk(1),
  k: () => walk(-1),
  a: () => reach("grant"),
  r: () => reach("ready"),
};

// A work queue: j and k walk through its list; a and r lead to the decision, and Enter makes it.
const current = document.querySelector(".queue-short .queue-item[aria-current]");
if (current) current.parentElement.scrollTop = current.offsetTop - current.parentElement.offsetTop;
function walk(by) {
  const items = [...document.querySelectorAll(".queue-item")];
  const next = items[items.findIndex((item) => item.hasAttribute("aria-current")) + by];
  if (!next) return false;
  go(next.href);
}
function reach(id) {
  const element = document.querySelector(`#decision #${id}`);
  if (!element) return false;
  element.focus();
}

// Arrows walk through the bills; space, the browser's own key, chooses.
function step(event, by) {
  const choices = [...document.querySelectorAll(".bill-choice:enabled")];
  const at = choices.indexOf(document.activeElement);
  if (at < 0) return false;
  choices[Math.min(choices.length - 1, Math.max(0, at + by))].focus();
}

// A bill that another ticked one contains is not ticked too; the server drops it anyway.
const choices = [...document.querySelectorAll(".bill-choice")];
function containOlder() {
  const covered = new Set(choices.filter((choice) => choice.checked && !choice.disabled).flatMap((choice) => choice.dataset.covers.split(" ")));
  for (const choice of choices) {
    choice.disabled = covered.has(choice.value);
    if (choice.disabled) choice.checked = false;
  }
}
for (const choice of choices) choice.addEventListener("change", containOlder);
containOlder();

// The biller is guessed from the number's shape while a scanner or a person types.
const box = document.getElementById("subscriber");
if (box) box.addEventListener("input", () => {
  const number = box.value.replace(/[\s()./\u2010-\u2015-]/g, "");
  const fitting = [...document.querySelectorAll("input[name=biller][data-pattern]")].filter((choice) => new RegExp(choice.dataset.pattern).test(number));
  const choice = fitting.length === 1 ? fitting[0] : document.getElementById("biller-auto");
  if (choice && !choice.dataset.chosen) choice.checked = true;
});

// Change: in whole minor units, never in floating point.
const given = document.getElementById("given");
if (given) given.addEventListener("input", () => {
  const total = document.getElementById("total");
  const match = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(given.value.trim());
  const change = match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) - Number(total.dataset.minor) : -1;
  const mark = document.documentElement.lang === "en" ? "." : ",";
  document.getElementById("change").textContent = change < 0 ? "—" : `${Math.floor(change / 100)}${mark}${String(change % 100).padStart(2, "0")}`;
});

// Countdowns: the server says how many seconds are left; it decides, this only shows.
function count(element) {
  const end = performance.now() + Number(element.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.floor((end - performance.now()) / 1000));
    const [m, s] = [Math.floor(left / 60) % 60, left % 60].map((part) => String(part).padStart(2, "0"));
    element.textContent = `${Math.floor(left / 3600)}:${m}:${s}`;
    if (left > 0 && element.isConnected) setTimeout(tick, 500);
  };
  tick();
}
document.querySelectorAll("[data-seconds]").forEach(count);
document.addEventListener("htmx:afterSwap", (event) => event.target.querySelectorAll("[data-seconds]").forEach(count));

// Copy buttons, where the browser lets us copy.
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.dataset.copy).then(() => {
    button.classList.add("btn-success");
    if (button.dataset.copied) button.lastChild.textContent = ` ${button.dataset.copied}`;
  });
});

// The slip prints at once, one time; a reload does not print again.
if (document.querySelector("[data-print]")) {
  const address = new URL(window.location.href);
  address.searchParams.delete("print");
  window.history.replaceState(null, "", address);
  window.addEventListener("load", () => window.print());
}
