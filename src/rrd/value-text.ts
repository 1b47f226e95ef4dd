const billion = 1e9;
/** In here, numbers with nine digits after the point are exact, and `String` writes them without an exponent. */
const smallest = 1e-6;
const tooLarge = 1e6;

/**
 * Writes a number as `String` does, without making a string: there is one for each data source in each update. Returns
 * how many bytes it took.
 */
export function putText(bytes: Uint8Array, at: number, value: number): number {
	if (value >= smallest && value < tooLarge) {
		const billionths = Math.round(value * billion);
		if (billionths / billion === value) return putDecimal(bytes, at, billionths);
	}
	const text = Number.isNaN(value) ? 'U' : String(value);
	for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
	return text.length;
}

function putDecimal(bytes: Uint8Array, at: number, billionths: number): number {
	const whole = billionths < billion ? 0 : Math.floor(billionths / billion);
	const wholeDigits = whole < 10 ? 1 : String(whole).length;
	putDigits(bytes, at, wholeDigits, whole);
	// Fits into 32 bits, which makes for quick divisions.
	let rest = (billionths - whole * billion) | 0;
	if (rest === 0) return wholeDigits;
	let restDigits = 9;
	for (let tenth = (rest / 10) | 0; tenth * 10 === rest; tenth = (rest / 10) | 0) {
		rest = tenth;
		restDigits -= 1;
	}
	bytes[at + wholeDigits] = 0x2e;
	putDigits(bytes, at + wholeDigits + 1, restDigits, rest);
	return wholeDigits + 1 + restDigits;
}

function putDigits(bytes: Uint8Array, at: number, count: number, value: number): void {
	let rest = value | 0;
	for (let index = at + count - 1; index >= at; index -= 1) {
		const tenth = (rest / 10) | 0;
		bytes[index] = 0x30 + rest - tenth * 10;
		rest = tenth;
	}
}
