package dev.torii.images;

import java.awt.Point;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.SampleModel;
import java.awt.image.WritableRaster;
import javax.imageio.ImageTypeSpecifier;

/**
 * Pixels whose decoder is ended as soon as it writes one too late. It is for decoders that need no
 * input for many pixels: the whole of a lossless WebP file may be of no bits at all.
 */
final class WatchedRaster extends WritableRaster {
  /** To ask the clock costs as much as some pixels do. */
  private static final int PIXELS_BETWEEN = 1024;

  private final DecodeWatch watch;
  private int pixels;

  private WatchedRaster(SampleModel model, DataBuffer buffer, DecodeWatch watch) {
    super(model, buffer, new Point());
    this.watch = watch;
  }

  private WatchedRaster(SampleModel model, Rectangle part, Point origin, WatchedRaster whole) {
    super(model, whole.dataBuffer, part, origin, whole);
    this.watch = whole.watch;
  }

  /** An empty image of a type. */
  static BufferedImage image(ImageTypeSpecifier type, int width, int height, DecodeWatch watch) {
    SampleModel model = type.getSampleModel(width, height);
    ColorModel colours = type.getColorModel();
    var raster = new WatchedRaster(model, model.createDataBuffer(), watch);
    return new BufferedImage(colours, raster, colours.isAlphaPremultiplied(), null);
  }

  @Override
  public void setDataElements(int x, int y, Object pixel) {
    if (++pixels % PIXELS_BETWEEN == 0) {
      watch.check();
    }
    super.setDataElements(x, y, pixel);
  }

  @Override
  public WritableRaster createWritableChild(
      int x, int y, int width, int height, int childX, int childY, int[] bands) {
    var origin = new Point(sampleModelTranslateX + childX - x, sampleModelTranslateY + childY - y);
    var part = new Rectangle(childX, childY, width, height);
    SampleModel model = bands == null ? sampleModel : sampleModel.createSubsetSampleModel(bands);
    return new WatchedRaster(model, part, origin, this);
  }
}
