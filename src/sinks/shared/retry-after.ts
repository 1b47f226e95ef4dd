/** What the header `Retry-After` says, milliseconds from now: it has seconds, or the time when. Null: nothing. */
export function retryAfterMs(header: string | null): number | null {
	if (header === null || header.trim() === '') return null;
	const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
	return Number.isNaN(ms) ? null : Math.max(0, ms);
}
