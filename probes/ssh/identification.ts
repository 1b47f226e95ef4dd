/** With the end of the line, RFC 4253, 4.2. */
const lineMaxBytes = 255;
/** So much may come before the identification: a server may greet with lines of its own. */
const beforeMaxBytes = 16 * 1024;
/** With more than this it is known what it is. */
const receivedMaxBytes = beforeMaxBytes + lineMaxBytes + 1;
const identification = /^SSH-\d+\.\d+-[\x20-\x7e]+$/;

export type Greeting =
	| 'incomplete'
	| 'not SSH'
	/** Without the end of the line. */
	| { readonly identification: string };

/** Looks for the identification string in what a server has sent so far. */
export function readGreeting(received: Buffer): Greeting {
	return new GreetingReader().add(received);
}

/** Reads a greeting as it comes. Whatever the pieces are, each byte is looked at once and no more are kept than count. */
export class GreetingReader {
	#bytes = Buffer.alloc(0);
	#length = 0;
	/** Where the line begins that is being read. */
	#lineStart = 0;
	/** Up to here there is no line feed in it. */
	#searchedTo = 0;

	/** What has come, as far as it counts. */
	get received(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}

	/** The server has sent more. What it sends after a greeting that is whole, or wrong, must not be added. */
	add(chunk: Buffer): Greeting {
		this.#keep(chunk.subarray(0, receivedMaxBytes - this.#length));
		for (;;) {
			const feed = this.received.indexOf('\n', this.#searchedTo);
			const line = this.received.subarray(this.#lineStart, feed === -1 ? this.#length : feed + 1);
			if (line.subarray(0, 4).toString('latin1') === 'SSH-') return readIdentification(line, feed !== -1);
			if (this.#lineStart + line.length > beforeMaxBytes) return 'not SSH';
			this.#searchedTo = feed === -1 ? this.#length : feed + 1;
			if (feed === -1) return 'incomplete';
			this.#lineStart = feed + 1;
		}
	}

	#keep(chunk: Buffer): void {
		const length = this.#length + chunk.length;
		if (length > this.#bytes.length) {
			const larger = Buffer.alloc(Math.max(length, 2 * this.#bytes.length));
			this.received.copy(larger);
			this.#bytes = larger;
		}
		chunk.copy(this.#bytes, this.#length);
		this.#length = length;
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
