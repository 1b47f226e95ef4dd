import { writeFileSync } from 'node:fs';

/** The kernel keeps fifteen bytes of a name. */
type ThreadName = 'icmp' | 'timing' | 'programs' | 'files' | 'deliveries' | 'canaries';

/** Names the thread that calls it, for `top -H` and `ps -L`: else all threads of the daemon are called alike. */
export function nameThread(name: ThreadName): void {
	try {
		writeFileSync('/proc/thread-self/comm', name);
	} catch {
		// Without /proc it has no name.
	}
}
