// Colours as #rrggbb for canvas and WebGL. A custom property keeps "light-dark(…)" as text; only a real property resolves
// it, and that may be any notation: so one pixel is painted and read back.
const probe = document.createElement("i");
probe.hidden = true;
document.documentElement.append(probe);
const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
const pen = canvas.getContext("2d", { willReadFrequently: true });

export function color(name) {
  probe.style.setProperty("color", `var(${name})`);
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return "#" + [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");
}
