import { errnoRemedies, errnoWords, errorCode, reasonIn } from '../model/errno.ts';

const reasons: Readonly<Record<string, string>> = {
	...errnoRemedies,
	EACCES: `${errnoWords.EACCES}: let the user that runs pingmachine write there`,
	ENOTDIR: 'a file has the name of a folder that is needed: move it away',
};

/** Why an operation on a file failed, and the remedy. */
export function reasonOf(error: unknown): string {
	const code = errorCode(error);
	return Object.hasOwn(reasons, code) ? `${reasonIn(error, reasons)} (${code})` : reasonIn(error, reasons);
}
