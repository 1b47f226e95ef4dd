import { readErrorMessage } from '../../store/error-file.ts';
import { type LastResult, readLastResult } from '../../store/last-result.ts';
import { readSmallText } from './small-text.ts';

/** What the daemon wrote of an order, or of `ID/@POP`. */
export interface Output {
	readonly result: LastResult | null;
	/** What the error file says, if there is one. */
	readonly error: string | null;
	/** Why something of it cannot be read. */
	readonly broken: string | null;
}

/** Never throws: what cannot be read is told to `problem`. */
export function outputOf(
	name: string,
	{ baseDir, problem }: { readonly baseDir: string; problem(path: string, message: string): void },
): Output {
	const folder = `${baseDir}/output/${name}`;
	let broken: string | null = null;
	const textOf = (file: string): string | null => {
		const read = readSmallText(`${folder}/${file}`);
		if (read !== null && 'reason' in read) return faultIn(file, read.reason);
		return read?.text ?? null;
	};
	const faultIn = (file: string, reason: string): null => {
		problem(`${folder}/${file}`, reason);
		broken ??= `${file} cannot be read: ${reason}`;
		return null;
	};
	const resultText = textOf('last_result');
	const read = resultText === null ? null : readLastResult(resultText);
	const result = read !== null && 'reason' in read ? faultIn('last_result', read.reason) : read;
	const errorText = textOf('error');
	const error =
		errorText === null
			? null
			: (readErrorMessage(errorText) ?? faultIn('error', 'there is no message in it'));
	return { result, error, broken };
}
