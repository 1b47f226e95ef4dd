/** What is shown as a PNG file. */
import { paletteNow } from './plot-theme.ts';

/** Puts canvases below each other, with two lines of text above, and has the browser save it. */
export async function downloadPng(
	canvases: readonly HTMLCanvasElement[],
	title: string,
	subtitle: string,
): Promise<void> {
	const ratio = devicePixelRatio;
	const head = Math.round(44 * ratio);
	const whole = document.createElement('canvas');
	whole.width = Math.max(...canvases.map(({ width }) => width));
	whole.height = head + canvases.reduce((sum, { height }) => sum + height, 0);
	const to = whole.getContext('2d');
	if (to === null) return;
	const palette = paletteNow();
	to.fillStyle = palette.page;
	to.fillRect(0, 0, whole.width, whole.height);
	to.fillStyle = palette.text;
	to.font = `600 ${15 * ratio}px system-ui, sans-serif`;
	to.fillText(title, 12 * ratio, 19 * ratio);
	to.fillStyle = palette.soft;
	to.font = `${12 * ratio}px system-ui, sans-serif`;
	to.fillText(subtitle, 12 * ratio, 36 * ratio);
	let top = head;
	for (const canvas of canvases) {
		to.drawImage(canvas, 0, top);
		top += canvas.height;
	}
	const blob = await new Promise<Blob | null>((resolve) => {
		whole.toBlob(resolve, 'image/png');
	});
	if (blob === null) return;
	const link = document.createElement('a');
	link.href = URL.createObjectURL(blob);
	link.download = `${title.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 80) || 'graph'}.png`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
