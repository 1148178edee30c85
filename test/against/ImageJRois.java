// Reads and writes ROIs by ImageJ: see imagej.ts. Arguments: a folder of sets called like the size of their image
// (odd-19x18.zip), and a folder to write ROIs of every kind into, each with the pixels that ImageJ takes for it.

import ij.gui.EllipseRoi;
import ij.gui.OvalRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.RotatedRectRoi;
import ij.gui.ShapeRoi;
import ij.io.RoiDecoder;
import ij.io.RoiEncoder;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

public class ImageJRois {
  public static void main(String[] arguments) throws Exception {
    System.setProperty("java.awt.headless", "true");
    File[] sets = new File(arguments[0]).listFiles((folder, name) -> name.endsWith(".zip"));
    for (File set : sets) Files.writeString(Path.of(set.getPath() + ".txt"), pixelsOfSet(set));
    writeKinds(Path.of(arguments[1]));
  }

  /** A line of numbers per row of the image, then Feret's diameters of each ROI. */
  static String pixelsOfSet(File set) throws Exception {
    String[] size = set.getName().replaceAll("^.*-|[.]zip$", "").split("x");
    int width = Integer.parseInt(size[0]);
    int height = Integer.parseInt(size[1]);
    int[] labels = new int[width * height];
    StringBuilder feret = new StringBuilder();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(set.toPath()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Roi roi = RoiDecoder.openFromByteArray(zip.readAllBytes());
        int number = Integer.parseInt(roi.getName());
        fill(labels, width, height, roi, number);
        feret.append(number + " " + roi.getFeretValues()[2] + "\n");
      }
    }
    return text(labels, width) + feret;
  }

  static void fill(int[] labels, int width, int height, Roi roi, int number) {
    Rectangle box = roi.getBounds();
    ImageProcessor mask = roi.getMask();
    for (int y = Math.max(0, box.y); y < Math.min(height, box.y + box.height); y++) {
      for (int x = Math.max(0, box.x); x < Math.min(width, box.x + box.width); x++) {
        boolean isInside = mask == null || mask.get(x - box.x, y - box.y) != 0;
        if (isInside) labels[y * width + x] = number;
      }
    }
  }

  static String text(int[] labels, int width) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < labels.length; i++) {
      text.append(labels[i]).append((i + 1) % width == 0 ? "\n" : " ");
    }
    return text.toString();
  }

  /** ROIs in an image of 60 x 50. */
  static void writeKinds(Path folder) throws Exception {
    float[] xs = {5.5f, 30.25f, 40f, 12.75f};
    float[] ys = {4.25f, 8f, 33.5f, 28f};
    int[] wholeX = {5, 30, 40, 12};
    int[] wholeY = {4, 8, 33, 28};
    Roi hole = new ShapeRoi(new Roi(10, 10, 30, 20)).not(new ShapeRoi(new Roi(15, 12, 6, 5)));
    Roi two = new ShapeRoi(new Roi(2, 2, 10, 10)).or(new ShapeRoi(new Roi(30, 20, 12, 9)));
    Roi curved = new ShapeRoi(new OvalRoi(4, 4, 30, 20)).or(new ShapeRoi(new Roi(30, 20, 12, 9)));
    write(folder, "rectangle", new Roi(-3, 7, 20, 11));
    write(folder, "rectangle-subpixel", new Roi(3.25, 7.75, 20.5, 11));
    write(folder, "oval", new OvalRoi(10, 5, 31, 22));
    write(folder, "polygon", new PolygonRoi(wholeX, wholeY, 4, Roi.POLYGON));
    write(folder, "polygon-subpixel", new PolygonRoi(xs, ys, Roi.POLYGON));
    write(folder, "freehand-subpixel", new PolygonRoi(xs, ys, Roi.FREEROI));
    write(folder, "traced", new PolygonRoi(wholeX, wholeY, 4, Roi.TRACED_ROI));
    write(folder, "ellipse", new EllipseRoi(5, 5, 40, 30, 0.5));
    write(folder, "rotated", new RotatedRectRoi(10, 10, 40, 30, 12));
    write(folder, "hole", hole);
    write(folder, "two", two);
    write(folder, "curved", curved);
  }

  static void write(Path folder, String name, Roi roi) throws Exception {
    roi.setName(name);
    Files.write(folder.resolve(name + ".roi"), RoiEncoder.saveAsByteArray(roi));
    int[] labels = new int[60 * 50];
    fill(labels, 60, 50, roi, 1);
    Files.writeString(folder.resolve(name + ".txt"), text(labels, 60));
  }
}
