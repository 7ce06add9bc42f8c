/** The page's only script: headings of tables become buttons that sort. Without it everything is there, in the order that it was written. */
export const SORT_SCRIPT = `
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const valueOf = (row, i) => row.cells[i].dataset.value ?? row.cells[i].textContent;
  [...table.tHead.rows[0].cells].forEach((heading, i) => {
    if (heading.dataset.fixed !== undefined) return;
    const button = document.createElement('button');
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const isNumber = heading.classList.contains('n');
      const was = heading.ariaSort ?? heading.getAttribute('aria-sort');
      const order = was === null ? (isNumber ? 'descending' : 'ascending') : was === 'descending' ? 'ascending' : 'descending';
      for (const other of heading.parentNode.cells) other.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', order);
      const sign = order === 'descending' ? -1 : 1;
      const compare = isNumber
        ? (a, b) => Number(valueOf(a, i)) - Number(valueOf(b, i))
        : (a, b) => valueOf(a, i).localeCompare(valueOf(b, i));
      body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)));
    });
  });
}
`;
