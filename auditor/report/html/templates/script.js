(() => {
  "use strict";
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const one = (what, within = document) => within.querySelector(what);
  const PAGE = 25, PRINTED = 500;
  const chosen = new Set();
  document.documentElement.classList.add("scripted");

  const cell = (text, place) => {
    const made = document.createElement(place ? "td" : "th");
    made.textContent = text;
    if (place === 0) made.scope = "row";
    else if (place === 1) made.dataset.state = text;
    else if (text.length > 34) made.className = "long";
    return made;
  };

  const grids = all("[data-grid]").map((box) => {
    const rows = JSON.parse(one("script", box).textContent);
    const [body, search, range] = ["tbody", "input", "[data-range]"].map((what) => one(what, box));
    const steps = all("[data-step]", box);
    let words = null, wanted = rows, page = 0;
    const draw = (most = PAGE) => {
      const from = most === PAGE ? page * PAGE : 0, part = wanted.slice(from, from + most);
      body.replaceChildren(...part.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.map(cell));
        return line;
      }));
      const count = (number) => number.toLocaleString("en");
      const told = part.length
        ? `${count(from + 1)}–${count(from + part.length)} of ${count(wanted.length)}` : "none";
      if (range.textContent !== told) range.textContent = told;  // said aloud once
      steps[0].disabled = page === 0;
      steps[1].disabled = from + PAGE >= wanted.length;
    };
    const sift = () => {
      const typed = search.value.trim().toLowerCase();
      if (typed) words ??= rows.map((row) => row.join("\n").toLowerCase());
      wanted = rows.filter((row, place) =>
        (!chosen.size || row[0].split(" ").some((number) => chosen.has(number))) && (!typed || words[place].includes(typed)));
      page = 0;
      draw();
      return wanted.length;
    };
    search.addEventListener("input", sift);
    for (const step of steps) {
      step.addEventListener("click", () => { page += Number(step.dataset.step); draw(); });
    }
    draw();
    const print = (begins) => {
      draw(begins ? PRINTED : PAGE);
      const left = begins ? wanted.length - PRINTED : 0;
      one("[data-left]", box).textContent = left > 0 ? `and ${left.toLocaleString("en")} more` : "";
    };
    return { sift, print, name: box.dataset.grid, total: rows.length };
  });

  const bar = one("[data-chosen]");
  const filter = () => {
    document.documentElement.classList.toggle("some", chosen.size > 0);
    for (const button of all("[data-choose]")) {
      button.setAttribute("aria-pressed", String(chosen.has(button.dataset.choose)));
    }
    const concerned = (part) => !chosen.size || part.dataset.numbers.split(" ").some((n) => chosen.has(n));
    for (const part of all("[data-numbers]")) part.toggleAttribute("hidden", !concerned(part));
    for (const section of all("section")) {
      const parts = all("[data-numbers]", section), note = one(".nothing", section);
      if (note) note.hidden = !parts.length || parts.some((part) => !part.hidden);
    }
    const shown = grids.map((grid) => `${grid.sift().toLocaleString("en")} of ${grid.total.toLocaleString("en")} ${grid.name}`);
    if (!bar) return;
    const cards = all("article[data-numbers]");
    const left = cards.filter((card) => !card.hidden).length;
    bar.hidden = !chosen.size;
    const pressed = all("[data-choose][aria-pressed=true]").map((button) => button.dataset.choose);
    const numbers = [...new Set(pressed)].map((number) => number === "–" ? "without a number" : number);
    one("span", bar).textContent =
      `Only ${numbers.join(", ")}: ${[`${left} of ${cards.length} findings`, ...shown].join(", ")}`;
  };

  const toggle = (number) => {
    if (!chosen.delete(number)) chosen.add(number);
    filter();
  };
  for (const button of all("[data-choose]")) {
    button.addEventListener("click", () => toggle(button.dataset.choose));
    if (button.localName !== "g") continue;
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      toggle(button.dataset.choose);
    });
  }
  one("[data-all]")?.addEventListener("click", () => { chosen.clear(); filter(); one("#overview .arrow")?.focus(); });

  const copied = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");  // a page that was opened from disk
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };
  for (const button of all("[data-copy]")) {
    const label = button.firstChild, was = label.data;
    button.addEventListener("click", async () => {
      try { await copied(one("code", button.parentElement).textContent); label.data = "Copied"; }
      catch { label.data = "Select it by hand"; }
      setTimeout(() => { label.data = was; }, 2000);
    });
  }

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const part of closed) part.open = true;
    for (const grid of grids) grid.print(true);
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
    for (const grid of grids) grid.print(false);
  });
})();
