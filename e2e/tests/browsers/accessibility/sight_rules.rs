//! The rules of [`super::sight`], as scripts that run in the page. Each returns what it finds
//! wrong, as lines for people.

/// Puts a style sheet over all others. A policy that forbids style elements does not forbid this.
pub const LAY_OVER: &str = "
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(arguments[0]);
    document.adoptedStyleSheets = [sheet];";

/// WCAG 1.4.12.
pub const TEXT_SPACING: &str = "
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }";

/// WCAG 1.4.4.
pub const LARGE_TEXT: &str = "html { font-size: 200% !important; }";

/// What the rules below have in common.
pub const FUNCTIONS: &str = "
    const modal = document.querySelector('dialog[open]');
    const there = [...(modal || document.body).querySelectorAll('*')].filter((it) =>
        it.checkVisibility({ visibilityProperty: true }) && !it.closest('.visually-hidden')
        && (modal || !it.closest('dialog')));
    const called = (it) => it.tagName.toLowerCase() + (it.id && '#' + it.id)
        + (it.className && '.' + String(it.className).split(' ').join('.'))
        + ' ' + JSON.stringify((it.innerText || '').slice(0, 30));
    const controls = there.filter((it) =>
        it.matches('a[href], button, input:not([type=hidden]), select, summary'));
    // Without an alpha channel of nothing, colours are equal only when they look so.
    const ground = (it) => {
        for (; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (!/, 0\\)$|transparent/.test(colour)) return colour;
        }
        return getComputedStyle(document.documentElement).backgroundColor;
    };";

/// WCAG 1.4.10: nothing has to be scrolled sideways, but a table in a box of its own.
pub const WIDTH: &str = "
    const wide = document.documentElement.scrollWidth;
    return wide > innerWidth ? [`the page is ${wide} px wide in a window of ${innerWidth}`] : [];";

/// Nothing is wider than the window, nothing is cut off, and no two texts overlap.
pub const LAYOUT: &str = "
    const wrong = [];
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) wrong.push(`the page is ${wide} px wide in a window of ${innerWidth}`);
    for (const it of there) {
        const style = getComputedStyle(it);
        const cuts = (overflow) => /hidden|clip/.test(overflow) || /content|paint/.test(style.contain);
        // A box that the browser draws by itself has no inside to look into.
        if (it.matches('input, select')) continue;
        if (cuts(style.overflowX) && it.scrollWidth > it.clientWidth + 1)
            wrong.push(`cut off by ${it.scrollWidth - it.clientWidth} px of width: ${called(it)}`);
        if (cuts(style.overflowY) && it.scrollHeight > it.clientHeight + 1)
            wrong.push(`cut off by ${it.scrollHeight - it.clientHeight} px of height: ${called(it)}`);
    }
    const pieces = [];
    for (const it of there) {
        if (it.closest('option, .dialog__scroll')) continue;
        for (const node of it.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const box of range.getClientRects()) {
                if (box.width > 1 && box.height > 1) pieces.push({ node, box });
            }
        }
    }
    const said = (piece) => JSON.stringify(piece.node.data.trim().slice(0, 30));
    pieces.forEach((one, at) => {
        for (const other of pieces.slice(at + 1)) {
            if (other.node === one.node) continue;
            const width = Math.min(one.box.right, other.box.right)
                - Math.max(one.box.left, other.box.left);
            const height = Math.min(one.box.bottom, other.box.bottom)
                - Math.max(one.box.top, other.box.top);
            // Boxes of lines reach a little into one another; their letters do not.
            const low = Math.min(one.box.height, other.box.height);
            if (width > 2 && height > 0.35 * low)
                wrong.push(`${said(one)} and ${said(other)} overlap`);
        }
    });
    return wrong;";

/// With the system's colours every control has a visible edge, and shows the focus.
pub const EDGES: &str = "
    const wrong = [];
    for (const it of controls) {
        const style = getComputedStyle(it);
        const around = ground(it.parentElement);
        const sides = ['Top', 'Right', 'Bottom', 'Left'];
        const has_edge = sides.every((side) => parseFloat(style[`border${side}Width`]) > 0
            && style[`border${side}Style`] !== 'none' && style[`border${side}Color`] !== around);
        const is_underlined = style.textDecorationLine.includes('underline');
        const is_the_browsers = it.matches('[type=checkbox], [type=radio]')
            && style.appearance === 'auto';
        // A fold has its mark before it.
        const has_mark = it.matches('summary');
        if (!has_edge && !is_underlined && !is_the_browsers && !has_mark)
            wrong.push(`nothing sets it apart: ${called(it)}`);
        if (it.tabIndex < 0) continue;
        it.focus({ focusVisible: true });
        // A ring may be drawn around the label that holds the control.
        const styles = [it, it.closest('label')].filter(Boolean).map((it) => getComputedStyle(it));
        const ring = styles.find(({ outlineStyle }) => outlineStyle !== 'none') || styles[0];
        if (ring.outlineStyle === 'none' || parseFloat(ring.outlineWidth) < 2
            || ring.outlineColor === around) wrong.push(`shows no focus: ${called(it)}`);
    }
    return wrong;";

/// Who wants no motion sees none: nothing takes longer than a thousandth of a second.
pub const MOTION: &str = "
    const wrong = [];
    const longest = (times) => Math.max(...times.split(', ').map((time) =>
        parseFloat(time) * (time.endsWith('ms') ? 1 : 1000)));
    for (const it of [...there, document.documentElement]) {
        for (const part of [null, '::before', '::after', '::backdrop']) {
            const style = getComputedStyle(it, part);
            const is_animated = style.animationName && style.animationName !== 'none';
            if (longest(style.transitionDuration) > 1
                || (is_animated && longest(style.animationDuration) > 1))
                wrong.push(`moves: ${called(it)} ${part || ''}`);
        }
    }
    return wrong;";
