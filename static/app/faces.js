// A face is fetched when it comes near the screen, as large as the screen shows it: browsers reach much further ahead by
// themselves, and each face of a long list is a request. Until then, and without scripts, there are initials.
const EDGES = [48, 96];

function show(box) {
  const edge = EDGES.find((one) => one >= box.clientWidth * devicePixelRatio - 1);
  const address = box.dataset.face + (edge ? `&edge=${edge}` : "");
  box.append(Object.assign(new Image(), { alt: "", decoding: "async", src: address }));
}

const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    show(target);
  }
});

function attach() {
  for (const box of document.querySelectorAll("[data-face]:not(:has(img))")) near.observe(box);
}
attach();
document.addEventListener("htmx:afterSettle", attach);
