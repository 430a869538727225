/** Copy buttons of a report in a browser: one beside each command, named by the command, and one for whatever else is to be copied. */

/** @param text What to copy, when it is clicked. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const copy = document.createElement('button');
  copy.type = 'button';
  copy.className = 'rb-copy';
  copy.textContent = label;
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(text()).then(
      () => (copy.textContent = 'Copied'),
      () => (copy.textContent = 'Could not copy'),
    );
    setTimeout(() => (copy.textContent = label), 2000);
  });
  return copy;
}

/** Gives each command its button, in the corner that style keeps free for it, so that nothing moves. */
export function addCopyButtons(root: ParentNode): void {
  for (const command of root.querySelectorAll<HTMLElement>('.rb-command')) {
    const text = command.textContent;
    const copy = copyButton('Copy', () => text);
    copy.setAttribute('aria-label', `Copy: ${text}`);
    const wrapper = document.createElement('div');
    wrapper.className = 'rb-copyable';
    command.replaceWith(wrapper);
    wrapper.append(command, copy);
  }
}
