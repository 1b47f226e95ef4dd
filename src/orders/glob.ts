/** `*` and `?` stand for anything but `/`, `**` also for that. */
export function globPattern(glob: string): RegExp {
	// More stars say no more than two, and would make matching slow.
	const parts = glob.split(/(\*{2,}|\*|\?)/).map((part) => {
		if (part.startsWith('**')) return '.*';
		if (part === '*') return '[^/]*';
		return part === '?' ? '[^/]' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
	});
	return new RegExp(`^${parts.join('')}$`, 'su');
}
