// On SIGUSR2 the event loop stands still for so many milliseconds, as it does when a program computes for too long.
process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.BLOCK_MS));
});
