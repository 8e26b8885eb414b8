// What stands in a cell of a table, as words with their looks: read from the page, measured, and broken into lines.

/** Characters that an SVG file cannot hold. */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
/** Characters that turn what follows; text from elsewhere could undo with them how it is set apart. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g;
/** What only serves a hand, or is not seen. */
const SKIPPED = ".menu, .menus, .hidden, [hidden]";
/** Most characters and lines of a cell; what is longer is cut. */
const MOST_CHARS = 600;
const MOST_LINES = 6;
const CUT = "…";

/** A cell as `{words, drawings}`: words are `{text, color, isBold, isSpaced}`, `null` where a line ends. */
export function read(cell, ink) {
  const found = { words: [], drawings: [] };
  let left = MOST_CHARS;
  let isSpaced = false;
  const end = () => {
    if (found.words.length > 0 && found.words.at(-1) !== null) found.words.push(null);
    isSpaced = false;
  };
  const say = (text, element) => {
    const style = getComputedStyle(element);
    // Links and buttons change their color slowly, so that what they have at this moment is of no use.
    const look = { color: element.closest("a, button") ? ink : style.color, isBold: Number(style.fontWeight) >= 600 };
    for (const part of text.slice(0, left).split(/(\s+)/)) {
      if (part.trim() === "") isSpaced ||= part !== "";
      else {
        found.words.push({ text: part, ...look, isSpaced });
        isSpaced = false;
      }
    }
    if (text.length > left) found.words.push({ text: CUT, ...look, isSpaced: false });
    left = Math.max(left - text.length, 0);
  };
  const walk = (node, isFromElsewhere) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && left > 0) {
        const text = child.data.replace(NO_XML, "\uFFFD");
        // Set apart from what stands around it, as <bdi> does.
        say(isFromElsewhere && text.trim() ? `\u2068${text.replace(TURNS, "\uFFFD")}\u2069` : text, node);
      } else if (child.localName === "svg") found.drawings.push(child);
      else if (child.nodeType === Node.ELEMENT_NODE && !child.matches(SKIPPED)) {
        if (node.localName === "details" && !node.open && child.localName !== "summary") continue;
        const isBlock = !/^inline|^contents/.test(getComputedStyle(child).display);
        if (isBlock) end();
        walk(child, isFromElsewhere || child.localName === "bdi");
        if (isBlock) end();
      }
    }
  };
  walk(cell, false);
  if (found.words.at(-1) === null) found.words.pop();
  return found;
}

/** A measure of words in the page's font, at a size in pixels. */
export function ruler(family, size) {
  const context = document.createElement("canvas").getContext("2d");
  return ({ text, isBold }) => {
    context.font = `${isBold ? 600 : 400} ${size}px ${family}`;
    return context.measureText(text).width;
  };
}

/** How wide words are where nothing breaks their lines. */
export function natural(words, measure) {
  let [widest, current] = [0, 0];
  for (const word of words) {
    current = word === null ? 0 : current + measure({ ...word, text: `${word.isSpaced && current > 0 ? " " : ""}${word.text}` });
    widest = Math.max(widest, current);
  }
  return widest;
}

/** Words as lines that are no wider than `width`: each a list of `{text, color, isBold}`. */
export function lines(words, width, measure) {
  const all = [];
  let [line, room] = [[], width];
  const end = () => {
    if (line.length > 0) all.push(line);
    [line, room] = [[], width];
  };
  const add = (word, text) => {
    const last = line.at(-1);
    if (last && last.color === word.color && last.isBold === word.isBold) last.text += text;
    else line.push({ text, color: word.color, isBold: word.isBold });
    room -= measure({ ...word, text });
  };
  for (const word of words) {
    if (word === null) {
      end();
      continue;
    }
    const text = word.isSpaced && line.length > 0 ? ` ${word.text}` : word.text;
    if (measure({ ...word, text }) <= room) {
      add(word, text);
      continue;
    }
    if (word.isSpaced) end();
    // A word that is wider than the column goes on in the next line.
    let rest = word.text;
    while (measure({ ...word, text: rest }) > room && all.length <= MOST_LINES) {
      const fits = longest(rest, word, room, measure);
      if (fits > 0) add(word, rest.slice(0, fits));
      else if (line.length === 0) break;
      rest = rest.slice(fits);
      end();
    }
    if (rest) add(word, rest);
  }
  end();
  if (all.length <= MOST_LINES) return all;
  const shown = all.slice(0, MOST_LINES);
  shown.at(-1).push({ ...shown.at(-1).at(-1), text: CUT });
  return shown;
}

/** How many UTF-16 units of a text fit, in whole characters. */
function longest(text, look, room, measure) {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure({ ...look, text: text.slice(0, middle) }) <= room) low = middle;
    else high = middle - 1;
  }
  return /[\uD800-\uDBFF]/.test(text[low - 1] ?? "") ? low - 1 : low;
}
