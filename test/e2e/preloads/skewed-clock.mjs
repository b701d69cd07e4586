// A machine whose clock is wrong by so many milliseconds. What measures durations is not touched.
const skewMs = Number(process.env.SKEW_MS);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + skewMs] : args));
  }

  static now() {
    return RealDate.now() + skewMs;
  }
};
