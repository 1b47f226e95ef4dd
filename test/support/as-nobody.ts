import koffi from 'koffi';

export const nobody = 65534;

/** How a command starts another one without root's rights. Where the tests run without them, it just starts it. */
export const commandAsNobody: readonly string[] =
	process.getuid?.() === 0
		? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']
		: [];

/** Node has this call too, but Debian's refuses it. */
const seteuid: (uid: number) => number = koffi.load(null).func('int seteuid(uint)');

/** Runs an action without root's rights. Where the tests run without them, it just runs it. */
export function asNobody<T>(action: () => T): T {
	if (process.geteuid?.() !== 0) return action();
	if (seteuid(nobody) !== 0) throw new Error('cannot become nobody');
	try {
		return action();
	} finally {
		seteuid(0);
	}
}
