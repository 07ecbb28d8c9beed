// A row of links wider than the screen begins where the reader is: its current link is scrolled into sight.
for (const link of document.querySelectorAll("main nav [aria-current]")) {
  const row = link.closest("nav");
  const spare = (row.clientWidth - link.offsetWidth) / 2;
  if (row.scrollWidth > row.clientWidth) row.scrollLeft += link.getBoundingClientRect().left - row.getBoundingClientRect().left - spare;
}
