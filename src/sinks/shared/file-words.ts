import { errnoWords, reasonIn } from '../../model/errno.ts';

/** What the system says about a file, in words for the user, with the remedy. */
export function fileError(error: unknown, path: string): Error {
	return new Error(`${path}: ${reasonIn(error, inPlainWords)}`, { cause: error });
}

const inPlainWords: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such folder. Make it, or correct path:',
	ENOTDIR: 'a part of it is no folder. Correct path:',
	EACCES: `${errnoWords.EACCES}. Let the user pingmachine runs as write there`,
	EPERM: `${errnoWords.EACCES}. Let the user pingmachine runs as write there`,
	EROFS: `${errnoWords.EROFS}. Mount it writable, or correct path:`,
	EISDIR: 'it is a folder. Name a file in it',
	ENXIO: 'it is no file. Correct path:',
	ENOSPC: `${errnoWords.ENOSPC}. Free some, or keep: fewer files`,
	EDQUOT: `${errnoWords.EDQUOT}. Raise it, or keep: fewer files`,
	EIO: `${errnoWords.EIO}. Look into the kernel log`,
	EPIPE: 'nobody reads it any more',
};
