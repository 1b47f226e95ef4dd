/** The code of a system error, `EACCES` say; of another error its name, of what is no error its type. */
export function errorCode(error: unknown): string {
	if (!(error instanceof Error)) return typeof error;
	return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** What system errors mean, in a few words without a remedy: the one list of them. */
export const errnoWords = {
	// Files
	EACCES: 'permission denied',
	EPERM: 'not permitted',
	ENOENT: 'there is no such file',
	ENOTDIR: 'a part of the path is not a folder',
	EISDIR: 'this is a folder',
	ELOOP: 'it is a symbolic link, which is not followed',
	ENAMETOOLONG: 'the path is too long',
	ENOTEMPTY: 'a folder has this name',
	EROFS: 'the file system is read-only',
	ENOSPC: 'no space left',
	EDQUOT: 'the disk quota is used up',
	EIO: 'the disk fails',
	// What this machine has not enough of
	EMFILE: 'too many open files',
	ENFILE: 'too many open files on this machine',
	EAGAIN: 'too many processes',
	ENOMEM: 'not enough memory',
	ENOBUFS: 'the system has no room for more packets just now',
	// What the other end, or something on the way to it, did
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	ECONNABORTED: 'connection aborted',
	EPIPE: 'connection reset',
	ETIMEDOUT: 'timed out',
	EHOSTUNREACH: 'host unreachable',
	EHOSTDOWN: 'host down',
	// Why nothing can be sent
	ENETUNREACH: 'there is no route to it',
	ENETDOWN: 'the network interface is down',
	ENODEV: 'the network interface is gone',
	EADDRNOTAVAIL: 'no address or port is free to connect from',
	EADDRINUSE: 'something else listens there',
	EAFNOSUPPORT: 'this machine, or the systemd unit, does not do that kind of address',
	EMSGSIZE: 'the packet is too long for the path',
} as const;

const { EROFS, ENOSPC, EDQUOT, EIO, EMFILE, ENFILE } = errnoWords;

/** The same with the remedy, for what is the same to everybody who needs it. */
export const errnoRemedies = {
	EROFS: `${EROFS}: mount it writable`,
	ENOSPC: `${ENOSPC}: free some space or inodes`,
	EDQUOT: `${EDQUOT}: raise it or free some space`,
	EIO: `${EIO}: look into the kernel log`,
	EMFILE: `${EMFILE}: raise the limit (LimitNOFILE= of the systemd unit, ulimit -n)`,
	ENFILE: `${ENFILE}: raise sysctl fs.file-max`,
} as const;

/** Why something went wrong, for the user: what `words` say of its code, or what the system says. */
export function reasonIn(error: unknown, words: Readonly<Record<string, string>>): string {
	const code = errorCode(error);
	if (Object.hasOwn(words, code)) return words[code] ?? code;
	return error instanceof Error ? error.message : String(error);
}
