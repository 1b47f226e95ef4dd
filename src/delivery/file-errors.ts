const reasons: Readonly<Record<string, string>> = {
	EACCES: 'permission denied: let the user that runs pingmachine write there',
	EROFS: 'the file system is read-only: mount it writable',
	ENOSPC: 'no space left: free some space or inodes',
	EDQUOT: 'the disk quota is used up: raise it or free some space',
	EIO: 'the disk fails: look into the kernel log',
	ENOTDIR: 'a file has the name of a folder that is needed: move it away',
};

/** Why an operation on a file failed, and the remedy. */
export function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { code } = error as NodeJS.ErrnoException;
	const reason = reasons[code ?? ''];
	return reason === undefined ? error.message : `${reason} (${code})`;
}
