/** `12.3 GB`, `0.45 GB`, `12 MB`. */
export function gigabytes(bytes: number): string {
	if (bytes < 1e8) return `${Math.round(bytes / 1e6)} MB`;
	return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
}
