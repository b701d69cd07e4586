/** Cuts a stream of bytes into lines, without their ends. `rest()` is what came after the last line end. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';

  push(chunk: Uint8Array): readonly string[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    // A long line may come in many chunks: they are joined, and looked through only once.
    lines[0] = this.#rest + (lines[0] ?? '');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }

  rest(): string {
    return this.#rest + this.#decoder.decode();
  }
}
