namespace ImapTrigger.Benchmarks;

internal static class Percentiles
{
    /// <summary>Of sorted values: the one below which this part of them lies; not a number where there are none.</summary>
    public static double At(this double[] sorted, double part) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
