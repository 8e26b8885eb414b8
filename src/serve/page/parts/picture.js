// A drawing of this page as a file of its own: SVG with literal colors, or PNG.

/** Properties that a class of the page gives and a file must have in itself. */
const PROPERTIES = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "font-size", "font-weight", "font-family"];
/** Pixels of the picture for one unit of the drawing. */
const SCALE = 2;

/** The drawing as the text of an SVG file. */
export function svgText(drawn) {
  const copy = drawn.cloneNode(true);
  const pairs = [[drawn, copy], ...[...drawn.querySelectorAll("*")].map((element, index) => [element, copy.querySelectorAll("*")[index]])];
  for (const [element, twin] of pairs) {
    const style = getComputedStyle(element);
    for (const property of PROPERTIES) twin.setAttribute(property, style.getPropertyValue(property));
    twin.removeAttribute("class");
  }
  const { width, height } = drawn.viewBox.baseVal;
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: getComputedStyle(document.body).backgroundColor })) paper.setAttribute(name, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

/** The drawing as a PNG. */
export async function pngBlob(drawn) {
  const { width, height } = drawn.viewBox.baseVal;
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svgText(drawn)], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
