/** With the end of the line, RFC 4253, 4.2. */
const lineMaxBytes = 255;
/** So much may come before the identification: a server may greet with lines of its own. */
const beforeMaxBytes = 16 * 1024;
const identification = /^SSH-\d+\.\d+-[\x20-\x7e]+$/;

export type Greeting =
	| 'incomplete'
	| 'not SSH'
	/** Without the end of the line. */
	| { readonly identification: string };

/** Looks for the identification string in what a server has sent so far. */
export function readGreeting(received: Buffer): Greeting {
	let start = 0;
	for (;;) {
		const feed = received.indexOf('\n', start);
		const line = received.subarray(start, feed === -1 ? received.length : feed + 1);
		if (line.subarray(0, 4).toString('latin1') === 'SSH-') return readIdentification(line, feed !== -1);
		if (start + line.length > beforeMaxBytes) return 'not SSH';
		if (feed === -1) return 'incomplete';
		start = feed + 1;
	}
}

function readIdentification(line: Buffer, isWhole: boolean): Greeting {
	if (line.length > lineMaxBytes) return 'not SSH';
	if (!isWhole) return 'incomplete';
	const text = line.toString('latin1').replace(/\r?\n$/, '');
	return identification.test(text) ? { identification: text } : 'not SSH';
}

/** Ours, with the end of the line. The version must not have blanks or dashes in it. */
export function ownIdentification(version: string): string {
	return `SSH-2.0-pingmachine_${version.replaceAll(/[^!-,.-~]/g, '_')}\r\n`;
}
