// On SIGUSR2 something goes wrong that nobody handles, with a token in its message.
process.on('SIGUSR2', () => {
  const error = new Error(`refused: Bearer ${process.env.PLANTED}`);
  if (process.env.UNEXPECTED === 'exception') throw error;
  void Promise.reject(error);
});
