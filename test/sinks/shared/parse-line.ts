/**
 * Reads a line by the rules of the line protocol specification alone, one character at a time: the test's own
 * judgement of what the sinks write. Measurement names escape space and comma, tags also the equals sign; any other
 * backslash is itself. Fields are floats, and nothing else is accepted.
 */
export interface ParsedLine {
	readonly measurement: string;
	readonly tags: Readonly<Record<string, string>>;
	readonly fields: Readonly<Record<string, number>>;
	readonly nanoseconds: bigint;
}

export function parseLine(line: string): ParsedLine {
	if (line.startsWith('#')) throw new Error('a comment');
	if (/\p{Cc}/u.test(line)) throw new Error('a control character');
	let at = 0;
	const take = (escapable: string, end: string): string => {
		let text = '';
		while (at < line.length && !end.includes(line[at] ?? '')) {
			if (line[at] === '\\' && at + 1 < line.length && escapable.includes(line[at + 1] ?? '')) at++;
			text += line[at++];
		}
		if (text === '') throw new Error(`something is empty at ${at}: ${line}`);
		return text;
	};
	const expect = (character: string): void => {
		if (line[at++] !== character) throw new Error(`no "${character}" at ${at - 1}: ${line}`);
	};

	const measurement = take(' ,', ' ,');
	const tags: [string, string][] = [];
	while (line[at] === ',') {
		expect(',');
		const key = take(' ,=', ' ,=');
		expect('=');
		tags.push([key, take(' ,=', ' ,=')]);
	}
	const fields: [string, number][] = [];
	do {
		expect(fields.length === 0 ? ' ' : ',');
		const key = take(' ,=', ' ,=');
		expect('=');
		const value = take('', ' ,');
		if (!/^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(value)) throw new Error(`not a float: ${value}`);
		fields.push([key, Number(value)]);
	} while (line[at] === ',');
	expect(' ');
	const time = line.slice(at);
	if (!/^\d+$/.test(time)) throw new Error(`not a time: ${time}`);
	if (new Set(tags.map(([key]) => key)).size < tags.length) throw new Error('a tag twice');
	return {
		measurement,
		tags: Object.fromEntries(tags),
		fields: Object.fromEntries(fields),
		nanoseconds: BigInt(time),
	};
}
