// Everything the pages need, one module a behaviour. Each attaches itself by attributes; the pages work without them.
import "./modal.js";
import "./theme.js";
import "./toasts.js";
import "./forms.js";
import "./times.js";
import "./live.js";
import "./shortcuts.js";
import "./rows.js";
import "./selection.js";
import "./faces.js";
import "./focus.js";
import "./menus.js";
