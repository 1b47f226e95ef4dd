/** Names and digits, as nearly all orders have them: a key, and a number, a word, a URL or an address of IPv4. */
const line =
	/( *)([a-z][a-z0-9_]{0,60}):(?: (?:(0|[1-9]\d{0,14})|([A-Za-z][\w./:?=&%+~@-]*|\d{1,3}(?:\.\d{1,3}){3})))?(?:\n|$)/y;

/** They are no text. */
const words: ReadonlySet<string> = new Set([
	...['null', 'Null', 'NULL', 'true', 'True', 'TRUE', 'false', 'False', 'FALSE'],
]);

/**
 * What a text is to YAML's core schema, if it is as plain as programs write orders: `key: value` in each line, with
 * sections of such lines. Null: it takes more to tell. Takes a fifth of the time of a whole reader of YAML.
 */
export function plainMapping(text: string): Readonly<Record<string, unknown>> | null {
	const root: Record<string, unknown> = {};
	let section: Record<string, unknown> | null = null;
	let sectionIndent = '';
	for (line.lastIndex = 0; line.lastIndex < text.length; ) {
		const [, indent = '', key = '', digits, word] = line.exec(text) ?? [];
		if (key === '' || words.has(key)) return null;
		const isBare = digits === undefined && word === undefined;
		if (indent === '') {
			if (isEmpty(section) || Object.hasOwn(root, key)) return null;
			section = isBare ? {} : null;
			sectionIndent = '';
			root[key] = section;
		} else {
			if (sectionIndent === '') sectionIndent = indent;
			if (section === null || isBare || indent !== sectionIndent || Object.hasOwn(section, key)) return null;
		}
		if (isBare) continue;
		if (word !== undefined && (words.has(word) || word.endsWith(':'))) return null;
		(section ?? root)[key] = word ?? Number(digits);
	}
	return text === '' || isEmpty(section) ? null : root;
}

/** A key without a value, or with one that does not stand below it. */
function isEmpty(section: Record<string, unknown> | null): boolean {
	return section !== null && Object.keys(section).length === 0;
}
