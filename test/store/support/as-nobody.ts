export const nobody = 65534;

/** Runs an action without root's rights. Where the tests run without them, it just runs it. */
export function asNobody(action: () => void): void {
	if (process.geteuid?.() !== 0) {
		action();
		return;
	}
	process.seteuid?.(nobody);
	try {
		action();
	} finally {
		process.seteuid?.(0);
	}
}
