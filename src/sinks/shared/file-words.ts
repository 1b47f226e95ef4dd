/** What the system says about a file, in words for the user, with the remedy. */
export function fileError(error: unknown, path: string): Error {
	const { code = '', message } = error as NodeJS.ErrnoException;
	return new Error(`${path}: ${inPlainWords[code] ?? message}`, { cause: error });
}

const inPlainWords: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such folder. Make it, or correct path:',
	ENOTDIR: 'a part of it is no folder. Correct path:',
	EACCES: 'permission denied. Let the user pingmachine runs as write there',
	EPERM: 'permission denied. Let the user pingmachine runs as write there',
	EROFS: 'the file system is read-only. Mount it writable, or correct path:',
	EISDIR: 'it is a folder. Name a file in it',
	ENXIO: 'it is no file. Correct path:',
	ENOSPC: 'no space left. Free some, or keep: fewer files',
	EDQUOT: 'the disk quota is used up. Raise it, or keep: fewer files',
	EIO: 'the disk fails. Look into the kernel log',
	EPIPE: 'nobody reads it any more',
};
