import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { errnoWords, errorCode, reasonIn } from '../../model/errno.ts';
import { OrderTrouble } from '../writer.ts';

/** A million targets. */
const inputMaxBytes = 64 * 1024 * 1024;

/** What the user calls a file. */
export function inputName(file: string): string {
	return file === '-' ? '<stdin>' : file;
}

/** The text of a file, or of standard input for `-`. Throws `OrderTrouble`. */
export async function readInput(file: string, stdin: AsyncIterable<Buffer | string>): Promise<string> {
	const bytes = await (file === '-' ? collect(stdin) : readFile(file));
	if (bytes === null)
		throw new OrderTrouble(`${inputName(file)}: larger than ${inputMaxBytes} bytes. Split it`);
	if (!isUtf8(bytes)) throw new OrderTrouble(`${inputName(file)}: is not valid UTF-8. Save it as UTF-8`);
	return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

async function readFile(file: string): Promise<Buffer | null> {
	try {
		const handle = await open(file);
		try {
			return await collect(handle.createReadStream({ autoClose: false }));
		} finally {
			await handle.close();
		}
	} catch (error) {
		throw new OrderTrouble(`${file}: ${reasonOf(error)}`);
	}
}

/** Null when it is too much. */
async function collect(stream: AsyncIterable<Buffer | string>): Promise<Buffer | null> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of stream) {
		const buffer = Buffer.from(chunk);
		length += buffer.length;
		if (length > inputMaxBytes) return null;
		chunks.push(buffer);
	}
	return Buffer.concat(chunks);
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: `${errnoWords.ENOENT}. Write its path, or - for standard input`,
	EACCES: `${errnoWords.EACCES}. Make it readable for the user who runs this`,
	EISDIR: 'is a folder. Name a file',
};

function reasonOf(error: unknown): string {
	const isKnown = Object.hasOwn(reasons, errorCode(error));
	return isKnown ? reasonIn(error, reasons) : `cannot be read: ${(error as Error).message}`;
}

/** What changes when a file does; null when it is not a regular file, which can be read again. */
export function fileState(file: string): string | null {
	try {
		const stats = statSync(file);
		return stats.isFile() ? [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ') : null;
	} catch {
		return null;
	}
}
