/** Elements of the panel: made in script, so made in one way. */

export function element<K extends keyof HTMLElementTagNameMap>(name: K, className = ''): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  if (className !== '') created.className = className;
  return created;
}

export function button(label: string, className: string): HTMLButtonElement {
  const created = element('button', className);
  created.type = 'button';
  created.textContent = label;
  return created;
}

export function span(className: string, text: string): HTMLSpanElement {
  const created = element('span', className);
  created.textContent = text;
  return created;
}

export function paragraph(className: string, text: string): HTMLParagraphElement {
  const created = element('p', className);
  created.textContent = text;
  return created;
}

export function optionGroup(label: string, options: readonly HTMLOptionElement[]): HTMLOptGroupElement {
  const group = document.createElement('optgroup');
  group.label = label;
  group.append(...options);
  return group;
}

export function icon(state: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('class', 'rb-icon');
  svg.setAttribute('data-state', state);
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#rb-${state}`);
  svg.append(use);
  return svg;
}
