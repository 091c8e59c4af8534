"use strict";
/* Draws the charts of a page. Each element with data-figure holds the address of its figure, each with
   data-figure-in the id of the element that holds the figure itself. Colours of text and paper are the page's. */
(() => {
  const script = document.currentScript;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 46rem)");
  const touched = matchMedia("(pointer: coarse)");
  const ROW_PIXELS = 18;
  const LEGEND_LENGTH = 18;
  const CONFIG = {
    responsive: true,
    displayModeBar: touched.matches ? false : "hover",
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };

  function load(address) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = address;
      element.onload = resolve;
      element.onerror = () => reject(new Error("The drawing program could not be loaded."));
      document.head.append(element);
    });
  }

  async function figureOf(element) {
    if (element.dataset.figureIn) {
      return JSON.parse(document.getElementById(element.dataset.figureIn).textContent);
    }
    const response = await fetch(element.dataset.figure, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    note(element, answer, Number(response.headers.get("Rejected-Rows-Open")));
    return answer;
  }

  function note(element, figure, leftOut) {
    const notes = [...figure.layout.meta.notes];
    const rows = leftOut === 1 ? "row is" : "rows are";
    if (leftOut > 0) notes.push(`${leftOut.toLocaleString("en")} rejected ${rows} left out.`);
    element.closest("figure").querySelector(".notes").textContent = notes.join(" ");
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["paper", "shade", "ink", "faint", "line", "edge"];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function shortened(texts, length) {
    return texts.map((text) => (text.length > length ? `${text.slice(0, length - 1)}…` : text));
  }

  /* Names in the legend of a phone: shorter, unless two would become one. */
  function shortenNames(traces) {
    for (const trace of traces) {
      if (trace.name) [trace.name] = shortened([trace.name], LEGEND_LENGTH);
      const labels = shortened(trace.labels || [], LEGEND_LENGTH);
      if (trace.labels && new Set(labels).size === labels.length) trace.labels = labels;
    }
    return traces;
  }

  function styleAxis(axis, names, labelLength, { line, edge }) {
    Object.assign(axis, { gridcolor: line, zerolinecolor: edge, linecolor: edge, tickcolor: edge });
    axis.title = { ...axis.title, standoff: 10 };
    if (axis.type !== "category") return;
    axis.showgrid = false;
    // Whole names would leave no room for what they name; they are told where one points at it, and in the table.
    const long = names.some((name) => name.length > labelLength);
    if (long) Object.assign(axis, { tickvals: names, ticktext: shortened(names, labelLength) });
  }

  function layoutFor(figure, element) {
    const { paper, ink, faint, line, edge } = colours();
    const layout = structuredClone(figure.layout);
    const [first = {}] = figure.data;
    delete layout.title;
    layout.margin = { t: 24, r: 16, b: 16, l: 16 };
    layout.font = { color: ink, family: getComputedStyle(element).fontFamily, size: 12 };
    layout.hoverlabel = { bgcolor: paper, bordercolor: edge, font: { color: ink }, namelength: -1 };
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: faint, activecolor: ink };
    layout.uniformtext = { mode: "hide", minsize: 9 };
    // A finger that moves over a chart means the page.
    layout.dragmode = touched.matches ? false : "zoom";
    const labelLength = element.clientWidth < 700 ? 16 : 28;
    if (layout.xaxis) styleAxis(layout.xaxis, first.x || [], labelLength, { line, edge });
    if (layout.yaxis) styleAxis(layout.yaxis, first.y || [], labelLength, { line, edge });
    if (narrow.matches) {
      const place = { orientation: "h", x: 0, y: 1, yanchor: "bottom", title: { text: "" } };
      const columns = { entrywidth: 0.5, entrywidthmode: "fraction", font: { size: 11 } };
      layout.legend = { ...layout.legend, ...place, ...columns };
    }
    if (first.type === "heatmap") {
      layout.height = Math.max(element.clientHeight, ROW_PIXELS * first.y.length + 80);
    }
    return layout;
  }

  function tracesFor(figure) {
    const { paper, shade, line } = colours();
    const traces = structuredClone(figure.data);
    return (narrow.matches ? shortenNames(traces) : traces).map((trace) => {
      if (trace.type === "table") {
        trace.header = { ...trace.header, align: "left", fill: { color: shade }, line: { color: line } };
        trace.cells = { ...trace.cells, align: "left", fill: { color: paper }, line: { color: line } };
      }
      if (trace.type === "heatmap" && narrow.matches) {
        delete trace.texttemplate;
        trace.colorbar = { thickness: 10, title: { text: "" } };
      }
      if (trace.type === "pie" || trace.type === "bar") trace.marker.line = { color: paper, width: 1 };
      return trace;
    });
  }

  function isEmpty(figure) {
    return figure.data.every(({ x, labels, z, cells, value }) => {
      const shown = z || x || labels || (cells ? cells.values[0] : value === null ? [] : [value]);
      return !shown || shown.length === 0;
    });
  }

  function say(element, text) {
    element.removeAttribute("role");
    element.textContent = text;
  }

  async function draw(element, plotly) {
    try {
      const figure = await figureOf(element);
      if (isEmpty(figure)) return say(element, "There is nothing to show.");
      await plotly;
      element.classList.remove("waiting");
      element.textContent = "";
      const redraw = () => Plotly.react(element, tracesFor(figure), layoutFor(figure, element), CONFIG);
      await redraw();
      dark.addEventListener("change", redraw);
      narrow.addEventListener("change", redraw);
    } catch (error) {
      say(element, `The chart could not be loaded: ${error.message}`);
    } finally {
      element.removeAttribute("aria-busy");
    }
  }

  const elements = [...document.querySelectorAll("[data-figure], [data-figure-in]")];
  if (elements.length > 0) {
    // The page first: the drawing program is large.
    requestAnimationFrame(() => setTimeout(() => {
      const plotly = load(script.dataset.plotly);
      elements.forEach((element) => draw(element, plotly));
    }));
  }
})();
