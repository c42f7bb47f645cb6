// Makes and changes elements. Text goes in as text alone: no word can become markup.

import { beginning, visible } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an element with a class and children, which are elements or text. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Make an element of a drawing. */
export function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Set the text of an element that has no children. What is equal is left alone. */
export function setText(element, text) {
  const node = element.firstChild;
  if (!node) element.textContent = text;
  else if (node.data !== text) node.data = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Make what shows a word: isolated, in the direction of its letters; a long one is cut, and whole in its title. */
export function wordElement(word) {
  const element = make("bdi", "", beginning(word));
  element.dir = "auto";
  element.title = visible(word);
  return element;
}

/** Make the button that pins a word. */
export function wordButton(word) {
  const button = make("button", "word", wordElement(word));
  button.type = "button";
  button.dataset.word = word;
  return button;
}

/**
 * Bring the children of a parent into the order of items, each known by its key. Those that stay are kept, so that nothing
 * flickers, and the focus stays where it is.
 */
export class KeyedList {
  constructor(parent, create, update) {
    Object.assign(this, { parent, create, update, elements: new Map() });
  }

  show(items, keyOf) {
    const focused = this.parent.contains(document.activeElement) ? document.activeElement : null;
    const keys = new Set(items.map(keyOf));
    for (const [key, element] of this.elements) {
      if (!keys.has(key)) {
        element.remove();
        this.elements.delete(key);
      }
    }
    let next = this.parent.firstElementChild;
    items.forEach((item, index) => {
      const key = keyOf(item);
      let element = this.elements.get(key);
      if (!element) {
        element = this.create(item);
        this.elements.set(key, element);
      }
      if (element === next) next = next.nextElementSibling;
      else this.parent.insertBefore(element, next);
      this.update(element, item, index);
    });
    if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }
}
