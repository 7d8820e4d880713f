package dev.torii.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * The brightness of an image, 0-255 for each pixel, as Pillow's {@code convert("L")} gives it:
 * ITU-R 601 in whole numbers of sRGB as it stands in the file, gray as it is, 16 bits cut to the
 * upper 8, transparency left out.
 */
final class Luminance {
  private final BufferedImage image;
  private final Raster raster;
  private final Rows rows;

  private Luminance(BufferedImage image) {
    this.image = image;
    this.raster = image.getRaster();
    this.rows = rows();
  }

  static Luminance of(BufferedImage image) {
    return new Luminance(image);
  }

  int width() {
    return image.getWidth();
  }

  int height() {
    return image.getHeight();
  }

  /** Writes one row into the first places of {@code into}. */
  void row(int y, int[] into) {
    rows.read(y, into);
  }

  private Rows rows() {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      int[] table = table(palette);
      return (y, into) -> readIndexed(y, table, into);
    }
    if (raster.getDataBuffer() instanceof DataBufferByte bytes
        && raster.getSampleModel() instanceof ComponentSampleModel model
        && bytes.getNumBanks() == 1
        && raster.getSampleModelTranslateX() == 0
        && raster.getSampleModelTranslateY() == 0) {
      return isGray()
          ? (y, into) -> readGrayBytes(bytes, model, y, into)
          : (y, into) -> readColourBytes(bytes, model, y, into);
    }
    boolean samples = raster.getSampleModel() instanceof ComponentSampleModel;
    return samples || isGray() ? this::readSamples : this::readAny;
  }

  private boolean isGray() {
    return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  private void readIndexed(int y, int[] table, int[] into) {
    raster.getSamples(0, y, width(), 1, 0, into);
    for (int x = 0; x < width(); x++) {
      into[x] = table[into[x]];
    }
  }

  private void readGrayBytes(DataBufferByte buffer, ComponentSampleModel model, int y, int[] into) {
    byte[] bytes = buffer.getData();
    int at = buffer.getOffset() + y * model.getScanlineStride() + model.getBandOffsets()[0];
    int stride = model.getPixelStride();
    for (int x = 0; x < width(); x++, at += stride) {
      into[x] = bytes[at] & 0xFF;
    }
  }

  private void readColourBytes(
      DataBufferByte buffer, ComponentSampleModel model, int y, int[] into) {
    byte[] bytes = buffer.getData();
    int start = buffer.getOffset() + y * model.getScanlineStride();
    int[] bands = model.getBandOffsets();
    int red = start + bands[0];
    int green = start + bands[1];
    int blue = start + bands[2];
    int stride = model.getPixelStride();
    for (int x = 0, at = 0; x < width(); x++, at += stride) {
      into[x] = of(bytes[red + at] & 0xFF, bytes[green + at] & 0xFF, bytes[blue + at] & 0xFF);
    }
  }

  private void readSamples(int y, int[] into) {
    int bands = raster.getNumBands();
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    int[] samples = raster.getPixels(0, y, width(), 1, (int[]) null);
    boolean gray = isGray();
    for (int x = 0, at = 0; x < width(); x++, at += bands) {
      into[x] =
          gray
              ? samples[at] >> shift
              : of(samples[at] >> shift, samples[at + 1] >> shift, samples[at + 2] >> shift);
    }
  }

  private void readAny(int y, int[] into) {
    image.getRGB(0, y, width(), 1, into, 0, width());
    for (int x = 0; x < width(); x++) {
      into[x] = of(into[x] >> 16 & 0xFF, into[x] >> 8 & 0xFF, into[x] & 0xFF);
    }
  }

  private static int[] table(IndexColorModel palette) {
    var table = new int[1 << palette.getPixelSize()];
    for (int i = 0; i < Math.min(table.length, palette.getMapSize()); i++) {
      table[i] = of(palette.getRed(i), palette.getGreen(i), palette.getBlue(i));
    }
    return table;
  }

  private static int of(int red, int green, int blue) {
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }

  private interface Rows {
    void read(int y, int[] into);
  }
}
