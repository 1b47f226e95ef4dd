/** Small help with elements. Text is only ever set as text. */

export function byId<T extends HTMLElement>(id: string): T {
	const found = document.getElementById(id);
	if (found === null) throw new Error(`there is no #${id} on this page`);
	return found as T;
}

type Child = Node | string;

/** An element with attributes and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	attributes: Readonly<Record<string, string>> = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

/** An element of a picture. */
export function svg(
	name: string,
	attributes: Readonly<Record<string, string>> = {},
	...children: Node[]
): SVGElement {
	const made = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

/** Changes nothing where nothing changes: what stays costs no layout, and screen readers nothing. */
export function setText(node: Node, text: string): void {
	if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string | null): void {
	if (node.getAttribute(name) === value) return;
	if (value === null) node.removeAttribute(name);
	else node.setAttribute(name, value);
}

/** A text that is said over and over: what stays the same costs nothing, not even a look at the document. */
export function liveText(): { readonly node: Text; say(text: string): void } {
	const node = document.createTextNode('');
	let said = '';
	return {
		node,
		say(text) {
			if (text === said) return;
			said = text;
			node.data = text;
		},
	};
}

/** An attribute that is set over and over; null: it is taken away. */
export function liveAttribute(of: Element, name: string): (value: string | null) => void {
	let set = of.getAttribute(name);
	return (value) => {
		if (value === set) return;
		set = value;
		if (value === null) of.removeAttribute(name);
		else of.setAttribute(name, value);
	};
}
