// A drawing of this page as a file of its own: SVG with literal colors, or PNG.

/** Properties that a class of the page gives and a file must have in itself: of shapes, and of letters. */
const OF_SHAPES = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "vector-effect"];
const OF_LETTERS = ["font-size", "font-weight", "font-family"];
/** Pixels of the picture for one unit of the drawing, and most of them on a side: browsers draw nothing that is longer. */
const SCALE = 2;
const MOST_PX = 16_000;

/** A copy of a drawing that stands on the page, with all that classes give it as attributes. */
export function literal(drawn) {
  const copy = drawn.cloneNode(true);
  const twins = copy.querySelectorAll("*");
  [drawn, ...drawn.querySelectorAll("*")].forEach((element, index) => {
    const twin = index === 0 ? copy : twins[index - 1];
    const style = getComputedStyle(element);
    const isLetters = ["svg", "text", "tspan"].includes(element.localName);
    for (const property of isLetters ? [...OF_SHAPES, ...OF_LETTERS] : OF_SHAPES) {
      twin.setAttribute(property, style.getPropertyValue(property));
    }
    twin.removeAttribute("class");
  });
  return copy;
}

/** The drawing as the text of an SVG file. */
export function svgText(drawn) {
  const copy = literal(drawn);
  const { width, height } = drawn.viewBox.baseVal;
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: getComputedStyle(document.body).backgroundColor })) paper.setAttribute(name, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

/** The drawing as a PNG. */
export function pngBlob(drawn) {
  const { width, height } = drawn.viewBox.baseVal;
  return pngOf(svgText(drawn), width, height);
}

/** The text of an SVG file of so many units as a PNG. */
export async function pngOf(text, width, height) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const scale = Math.min(SCALE, MOST_PX / Math.max(width, height));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What `draw` gives while the page has its light colors: it has its own again before anything is painted. */
export function onLight(draw) {
  const { dataset } = document.documentElement;
  const own = dataset.theme;
  dataset.theme = "light";
  try {
    return draw();
  } finally {
    if (own === undefined) delete dataset.theme;
    else dataset.theme = own;
  }
}
