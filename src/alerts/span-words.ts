/** `5 min`, `2 h`, `3.2 s`, `250 ms`: a span of seconds, for people. */
export function spanInWords(seconds: number): string {
	if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
	if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
	if (seconds >= 600) return `${Math.round(seconds / 60)} min`;
	if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
	return `${Number((seconds * 1000).toPrecision(3))} ms`;
}
