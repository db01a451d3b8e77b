// Fast hands: keys for search, enrolment, the next field, submitting, lists. Without it every page works the same.
(function () {
  "use strict";
  const typing = (node) => /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName) || node.isContentEditable;

  function nextField(from) {
    const all = Array.from(from.form.elements).filter((e) => e.offsetParent !== null && !e.disabled && e.type !== "hidden");
    const at = all.indexOf(from);
    const next = all.slice(at + 1).find((e) => e.name !== from.name);
    if (next) next.focus();
  }

  function moveInList(step) {
    const links = Array.from(document.querySelectorAll("table.list tbody tr td:first-child a"));
    if (links.length === 0) return false;
    const at = links.indexOf(document.activeElement);
    const to = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    to.focus();
    return true;
  }

  const print = document.getElementById("print");
  if (print) print.addEventListener("click", () => window.print());

  document.addEventListener("keydown", function (event) {
    const node = event.target;
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (event.key === "Enter" && node.form) {
        event.preventDefault();
        node.form.requestSubmit();
      }
      return;
    }
    if (event.key === "Enter" && node.form && node.form.classList.contains("rows") && /^(INPUT|SELECT)$/.test(node.tagName)) {
      // A card reader ends with Enter: it goes to the next field and submits nothing.
      event.preventDefault();
      nextField(node);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if ((!typing(node) || node.type === "search") && moveInList(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (typing(node)) return;
    if (event.key === "/") {
      event.preventDefault();
      const box = document.getElementById("search");
      if (box) box.focus();
      else location.href = "/search";
    } else if (event.key === "n" && document.querySelector('nav a[href="/enrol"]')) {
      location.href = "/enrol";
    } else if (event.key === "?") {
      document.getElementById("keys").showModal();
    }
  });
})();
